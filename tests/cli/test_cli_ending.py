"""A process of the command line ends soon after Ctrl-C, whatever its threads still compute."""

import signal
import subprocess
import sys
import time

import pytest

CODE = """
import hashlib, threading
from concurrent.futures import ThreadPoolExecutor
from reparam.signals import ending_soon
def long():
    hashlib.pbkdf2_hmac("sha256", b"", b"", 400_000_000)  # a minute within C
pool = ThreadPoolExecutor(1)
with ending_soon() as ending:
    print("ready", flush=True)
    try:
        {body}
    except KeyboardInterrupt:
        ending.status = 7
"""
IN_A_POOL = "pool.submit(long); threading.Event().wait()"
IN_MAIN = "long()"


@pytest.mark.parametrize(
    ("body", "signals", "status"), [(IN_A_POOL, 1, 7), (IN_MAIN, 1, 130), (IN_MAIN, 2, 130)]
)
def test_the_process_ends(body, signals, status):
    process = subprocess.Popen(
        [sys.executable, "-c", CODE.format(body=body)], stdout=subprocess.PIPE, text=True,
        stderr=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "ready\n"
        time.sleep(0.2)
        began = time.monotonic()
        for _ in range(signals):
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == status
    assert time.monotonic() - began < 10  # two seconds, on a machine with nothing else to do
    assert said == ("stopped\n" if status == 130 else "")
