// SPDX-License-Identifier: GPL-2.0-or-later
// Sends messages with nodemailer's connection, one after the other, and prints the dialogue.
// Arguments: the folder with node_modules, port, none|starttls|implicit, user:password or "", smtp|lmtp, files.

const fs = require('fs');
const [folder, port, tls, login, protocol, ...files] = process.argv.slice(2);
const SMTPConnection = require(folder + '/node_modules/nodemailer/lib/smtp-connection');

// Its own log hides passwords; what it sends and gets passes through these two.
const send = SMTPConnection.prototype._sendCommand;
SMTPConnection.prototype._sendCommand = function (text, ...more) {
    console.log('C: ' + text);
    return send.call(this, text, ...more);
};
const get = SMTPConnection.prototype._processResponse;
SMTPConnection.prototype._processResponse = function (...all) {
    if (this._responseQueue[0])
        console.log(this._responseQueue[0].toString().split(/\r?\n/).map(line => 'S: ' + line).join('\n'));
    return get.apply(this, all);
};

const connection = new SMTPConnection({
    host: '127.0.0.1', port, name: 'client.example.test', secure: tls === 'implicit', requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none', lmtp: protocol === 'lmtp', tls: { rejectUnauthorized: false },
});
const envelope = { from: 'alice@example.test', to: ['bob@example.test', 'nosuch@example.test', 'alice@example.test'] };

function fail(error) {
    console.error(error);
    process.exit(1);
}

function next() {
    const file = files.shift();
    if (!file)
        return connection.quit();
    connection.send(envelope, fs.readFileSync(file), error => error ? fail(error) : next());
}

connection.on('error', fail);
connection.connect(() => {
    if (!login)
        return next();
    const [user, pass] = login.split(':');
    connection.login({ user, credentials: { user, pass } }, error => error ? fail(error) : next());
});
