"""Memory that a step frees is there for the next one."""

import ctypes
import subprocess
import sys

import pytest

from reparam.training import memory
from reparam.training.memory import freed_memory_kept

glibc = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "mallopt"), reason="needs glibc's mallopt"
)


COUNTS = """
import ctypes, resource, torch
from reparam.training.memory import freed_memory_kept

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        pair = [torch.ones(2**22) for _ in range(2)]  # 16 MiB each
        del pair
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

library = ctypes.CDLL(None)
library.mallopt(-3, 128 * 1024)  # glibc's first values
library.mallopt(-1, 128 * 1024)
outside = faults()
with freed_memory_kept():
    faults()
    print(outside, faults())
"""


@glibc
@pytest.mark.skipif(sys.platform != "linux", reason="counts Linux's page faults")
def test_the_system_clears_fewer_pages_inside():
    """In a process of its own: what others have freed would be used again."""
    run = subprocess.run([sys.executable, "-c", COUNTS], capture_output=True, text=True)
    outside, inside = map(int, run.stdout.split())
    assert outside > 20 * 2 * 4000
    assert inside < outside / 10


@glibc
@pytest.mark.parametrize("name", memory.USERS)
def test_what_the_user_has_set_stays(monkeypatch, name):
    calls = []

    class Library:
        mallopt = malloc_trim = lambda self, *given: calls.append(given)

    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library())
    monkeypatch.setenv(name, "1")
    with freed_memory_kept():
        pass
    assert calls == []
    monkeypatch.delenv(name)
    with freed_memory_kept():
        pass
    assert len(calls) == 4


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    inside = False
    with freed_memory_kept():
        inside = True
    assert inside
