# SPDX-License-Identifier: GPL-2.0-or-later
"""A Slurm of one machine: real munged, slurmctld and slurmd, of settings of their own. Needs root."""

import contextlib
import os
import shutil
import socket
import subprocess
import time

import pytest

from hosts import free_port

DAEMONS = ("munged", "slurmctld", "slurmd")

SETTINGS = """ClusterName=smtpx
SlurmctldHost={host}(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket={folder}/munge
CredType=cred/munge
SlurmUser=root
SlurmctldPort={controller}
SlurmdPort={daemon}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={processors} State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP
"""


def answers(environment):
    done = subprocess.run(["sinfo", "-h", "-o", "%T"], env=environment, capture_output=True, text=True)
    return done.stdout.strip() in ("idle", "mixed", "allocated")


@contextlib.contextmanager
def started(home):
    """Gives an environment in which sbatch knows it."""
    if os.getuid() != 0 or not all(map(shutil.which, DAEMONS)):
        pytest.skip(f"needs root, and {', '.join(DAEMONS)}")
    folder = home.file("cluster")
    for path in (folder, folder / "state", folder / "spool"):
        path.mkdir(mode=0o755)
    (folder / "key").write_bytes(os.urandom(128))
    (folder / "key").chmod(0o600)
    (folder / "slurm.conf").write_text(SETTINGS.format(
        folder=folder, host=socket.gethostname().split(".")[0], controller=free_port(), daemon=free_port(),
        processors=os.cpu_count()))
    environment = {**home.environment(), "SLURM_CONF": str(folder / "slurm.conf")}
    commands = [["munged", "--foreground", "--force", f"--socket={folder}/munge", f"--key-file={folder}/key",
                 f"--pid-file={folder}/munged.pid", f"--log-file={folder}/munged.log", f"--seed-file={folder}/seed"],
                ["slurmctld", "-D", "-c"], ["slurmd", "-D"]]
    daemons = []
    try:
        for command in commands:
            daemons.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL,
                                            stderr=open(folder / f"{command[0]}.err", "w")))
            time.sleep(0.5)
        until = time.monotonic() + 40
        while not answers(environment):
            assert time.monotonic() < until, [
                path.read_text()[-2000:] for path in (*folder.glob("*.err"), *folder.glob("*.log"))]
            time.sleep(0.5)
        yield environment
    finally:
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait()
