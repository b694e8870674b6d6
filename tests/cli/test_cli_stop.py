import re
import signal
import subprocess
import sys


def listening():
    """A shell that runs things in the background lets them ignore Ctrl-C: not here."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_while_training_ends_with_one_line():
    process = subprocess.Popen(
        [sys.executable, "-m", "reparam", "fit", "fashion-mnist-subset", "--set", "widths=4",
         "--validation", "0", "--epochs", "1000", "--out", "run", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=listening,
    )  # fmt: skip
    try:
        assert " parameters, about " in process.stderr.readline()
        assert "epoch    1/1000  train distortion" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert out == ""
    shown = "epoch ", " parameters, about "
    said = [line for line in err.splitlines() if not any(part in line for part in shown)]
    assert len(said) == 1
    assert re.fullmatch(
        r"stopped at step \d+ of 79000 and saved in run: go on with resume=True \(--resume\)",
        said[0],
    )


def test_a_reader_that_leaves_early_gets_no_traceback():
    process = subprocess.Popen(
        [sys.executable, "-m", "reparam", "zoo", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    process.stdout.close()
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) != 0
