// SPDX-License-Identifier: GPL-2.0-or-later
// Runs npm's smtp-server on 25 and 465, until SIGTERM. Keeps no mail.
// Arguments: the folder with node_modules, the key, the certificate.

const fs = require('fs');
const [folder, key, certificate] = process.argv.slice(2);
const { SMTPServer } = require(folder + '/node_modules/smtp-server');

const common = {
    name: 'mx.example.test',
    key: fs.readFileSync(key),
    cert: fs.readFileSync(certificate),
    authMethods: ['PLAIN', 'LOGIN', 'CRAM-MD5'],
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    hideSize: false,
    size: 50000000,
    onAuth(auth, session, callback) {
        const known = auth.username === 'alice' &&
            (auth.method === 'CRAM-MD5' ? auth.validatePassword('secret') : auth.password === 'secret');
        callback(known ? null : new Error('wrong user name or password'), known ? { user: 'alice' } : undefined);
    },
    onRcptTo(address, session, callback) {
        if (!address.address.startsWith('n'))
            return callback();
        const error = new Error('no such user');
        error.responseCode = 550;
        callback(error);
    },
    onData(stream, session, callback) {
        stream.on('end', callback);
        stream.resume();
    },
};

for (const [port, more] of [[25, {}], [465, { secure: true }]]) {
    const server = new SMTPServer({ ...common, ...more });
    server.on('error', error => console.error(error.message));
    server.listen(port, '127.0.0.1');
}
