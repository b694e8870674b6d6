import pytest

from reparam import data, fit, load, save, zoo

pytest.importorskip("panel", reason="panel is not installed")


@pytest.fixture(scope="session")
def pictures():
    """Six hundred test pictures of clothes."""
    return data.load("fashion-mnist-subset")[1][:600]


@pytest.fixture(scope="session")
def runs(tmp_path_factory, pictures):
    """Small trained models by name: two latents (vae, autoencoder), five latents (deep)."""
    folder = tmp_path_factory.mktemp("runs")
    made = {}
    for name, variant, latent in (
        ("vae", "vae", 2), ("autoencoder", "autoencoder", 2), ("deep", "vae", 5),
    ):  # fmt: skip
        model, objective = zoo.ZOO[variant].make(pictures.shape, latent=latent, widths=[8, 8])
        fit(model, objective, pictures, epochs=3, learning_rate=1.2e-2, progress=False)
        save(folder / name, model, objective, schema=pictures.schema)
        made[name] = load(folder / name)
    return made


@pytest.fixture(scope="session")
def spaces(runs, pictures):
    """The runs' latent spaces by name."""
    from reparam.explorer.space import encoded

    return {name: encoded(run, pictures) for name, run in runs.items()}


@pytest.fixture(scope="session")
def addresses(spaces):
    """The served explorers' addresses by name of the run."""
    from contextlib import ExitStack

    from reparam.explorer.server import serving

    with ExitStack() as stack:
        yield {name: stack.enter_context(serving(space)) for name, space in spaces.items()}


@pytest.fixture
def open_page(browser, addresses):
    """A function that opens a run's explorer in a fresh window, and waits for its map."""
    windows = []

    def opened(name="vae", query=""):
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(120_000)  # a busy machine's page is late, and no less right
        windows.append(page)
        page.goto(addresses[name] + query)
        page.wait_for_selector(".bk-Canvas, .bk-canvas, canvas", timeout=120_000)
        page.wait_for_selector("#loading", state="detached", timeout=120_000)
        return page

    yield opened
    for page in windows:
        page.close()
