"""Long work in steps, with a server to answer others in between and without one."""

from types import SimpleNamespace

import pytest
from bokeh.document import Document

from reparam.errors import ReparamError
from reparam.explorer.gradually import gradually, stepwise


def work(done, fails=False):
    for step in range(3):
        done.append(step)
        yield
    if fails:
        raise ReparamError("it went wrong")


class Served:
    """A page of a server, whose callbacks are taken by hand."""

    session_context = SimpleNamespace()

    def __init__(self):
        self.waiting = []

    def add_timeout_callback(self, callback, pause):
        assert pause > 0
        self.waiting.append(callback)


@pytest.mark.parametrize("document", [None, Document()], ids=["no page", "a notebook's"])
def test_without_a_server_all_is_done_at_once(document):
    done = []
    stepwise(document, work(done))
    assert done == [0, 1, 2]


def test_a_server_answers_between_two_steps():
    document, done = Served(), []
    stepwise(document, work(done))
    for count in range(4):
        assert len(done) == min(count, 3)
        (callback,) = document.waiting
        document.waiting.clear()
        callback()
    assert done == [0, 1, 2]
    assert not document.waiting


def test_a_mistake_ends_the_work_and_becomes_a_sentence():
    document, done = Served(), []
    window = SimpleNamespace(
        chart=SimpleNamespace(figure=SimpleNamespace(document=document)),
        state=SimpleNamespace(message=""),
    )
    gradually(window, work(done, fails=True))
    while document.waiting:
        document.waiting.pop()()
    assert window.state.message == "it went wrong"
