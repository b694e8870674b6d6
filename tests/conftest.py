import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def decoded_pictures(tmp_path_factory):
    """What tests decode does not go into the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REPARAM_CACHE", str(tmp_path_factory.mktemp("decoded")))
        yield


@pytest.fixture(autouse=True)
def repeatable():
    """Whatever a test draws without a seed of its own is drawn again the next time."""
    torch.manual_seed(0)
