"""What there is of memory, and trainings that cannot fit into it."""

import pytest
import torch

from reparam import fit, zoo
from reparam.data import memory
from reparam.data.memory import available, items_at_once
from reparam.errors import MemoryWarning, TrainingError
from reparam.training import Recipe
from reparam.training.footprint import Footprint, check_memory

GIB = 2**30


def machine(root, files):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


FREE = {"proc/meminfo": "MemTotal: 99 kB\nMemAvailable:   8388608 kB\n"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, 8 * GIB),
        ({"proc/self/cgroup": "0::/\n"}, 8 * GIB),
        (
            {
                "proc/self/cgroup": "0::/jobs/7\n",
                "sys/fs/cgroup/jobs/7/memory.max": "max\n",
                "sys/fs/cgroup/jobs/7/memory.current": "9\n",
                "sys/fs/cgroup/jobs/memory.max": f"{3 * GIB}\n",
                "sys/fs/cgroup/jobs/memory.current": f"{2 * GIB}\n",
                "sys/fs/cgroup/jobs/memory.stat": f"anon 5\ninactive_file {GIB}\n",
            },
            2 * GIB,
        ),
        (
            {
                "proc/self/cgroup": "3:cpu,cpuacct:/a\n2:memory:/on/the/host\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{3 * GIB}",
                "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GIB}",
                "sys/fs/cgroup/memory/memory.stat": "total_inactive_file 0\n",
            },
            2 * GIB,
        ),
        (
            {
                "proc/self/cgroup": "0::/\n",
                "sys/fs/cgroup/memory.max": f"{GIB}",
                "sys/fs/cgroup/memory.current": f"{2 * GIB}",
            },
            0,
        ),
    ],
)
def test_free_memory_is_what_the_machine_and_its_groups_leave(tmp_path, files, expected):
    assert available(machine(tmp_path, FREE | files)) == expected


class Many:
    """The size of a data set."""

    def __init__(self, *shape):
        self.shape = shape

    def __len__(self):
        return 364


def check(free, shape=(3, 480, 640), devices=1, **options):
    """Weights of 1 GiB, and a tenth of one for each example."""
    recipe = Recipe(1, **options)
    pieces = 1 if recipe.accumulate == "auto" else recipe.accumulate
    activations = round(GIB / 10 * recipe.batch_size / pieces)
    check_memory(
        Footprint(9, GIB, activations, round(GIB / 10)), Many(*shape), recipe, free, devices
    )


def test_what_cannot_fit_is_refused_with_what_is_needed_and_what_there_is():
    with pytest.raises(TrainingError) as error:
        check(8 * GIB)
    assert str(error.value) == (
        "training needs 13.8 GiB or more, and 8.0 GiB of memory are free: take smaller images "
        "with size=(height, width) (--size HEIGHT WIDTH), or take a step in pieces with "
        "accumulate=4 (--accumulate 4)"
    )
    check(8 * GIB, accumulate=4)  # fits, as it says


def test_what_may_not_fit_is_warned_of():
    with pytest.warns(MemoryWarning, match=r"needs 13.8 GiB or more, and 16.0 .* may not be en"):
        check(16 * GIB)
    check(21 * GIB)
    check(None)


def test_pieces_do_not_help_where_one_example_does_not_fit():
    for options in ({"accumulate": "auto"}, {"batch_size": 1}):
        with pytest.raises(TrainingError, match=r"needs 1.1 GiB .* free: take smaller .*WIDTH\)$"):
            check(GIB, **options)
    with pytest.raises(TrainingError, match=r"free: use a smaller model$"):
        check(GIB, shape=(9,), accumulate="auto")


def test_half_precision_and_parts_of_weights_take_less():
    with pytest.raises(TrainingError):
        check(8 * GIB)
    with pytest.warns(MemoryWarning):
        check(8 * GIB, precision="bf16")


def test_a_batch_may_be_spread_over_several_accelerators():
    with pytest.warns(MemoryWarning, match="needs 7.4 GiB"):
        check(8 * GIB, devices=2)


def test_fit_refuses_before_anything_is_written(small, vectors, monkeypatch, tmp_path):
    monkeypatch.setattr("reparam.training.footprint.available", lambda: 1000)
    with pytest.raises(TrainingError, match=r"needs .* free: use a smaller model"):
        fit(*small(), vectors, epochs=1, device="cpu", progress=False, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_few_large_items_are_taken_at_a_time():
    assert items_at_once((1, 28, 28)) == items_at_once((7,)) == 500
    assert items_at_once((3, 64, 64), 1000) == 1000
    assert 500 > items_at_once((3, 480, 640)) > 1
    assert items_at_once((10**9,)) == 1


@pytest.fixture
def largest(small, monkeypatch):
    """A model that notes how many items it encodes and how many codes it decodes at once."""
    monkeypatch.setattr(memory, "AT_ONCE", 7 * 6)
    variant, seen = small(), {"encoded": 0, "decoded": 0}

    def note(name):
        def hook(_, given):
            seen[name] = max(seen[name], given[0].shape[:-1].numel())

        return hook

    variant.model.posterior.network.register_forward_pre_hook(note("encoded"))
    variant.model.likelihood.network.register_forward_pre_hook(note("decoded"))
    return variant, seen


def test_whole_data_sets_are_measured_a_few_items_at_a_time(largest, vectors):
    from reparam.latent import anomaly_scores, codes, rates
    from reparam.metrics import bound, evidence, reconstruction
    from reparam.report import measured
    from reparam.training import Step
    from reparam.training.evaluate import evaluate

    (model, objective), seen = largest
    vectors = vectors[:14]
    codes(model, vectors)
    rates(model, vectors)
    anomaly_scores(model, vectors, vectors, samples=20)
    bound(model, vectors, progress=False)
    evidence(model, vectors, samples=20, progress=False)
    reconstruction(model, vectors, progress=False)
    measured(model, vectors)
    evaluate(Step(model, objective), vectors)
    assert 1 < seen["encoded"] <= 6
    assert 1 < seen["decoded"] <= 6


def test_a_bound_of_many_draws_is_the_same_mean_of_weights(largest, vectors):
    """The draws are taken one after the other, as by the model itself."""
    from reparam.randomness import seeded

    (model, _), seen = largest
    x = vectors.tensor()[:2]
    found = model.log_prob(x, samples=10, seed=4)
    assert seen["decoded"] == 6
    with torch.no_grad(), seeded(4):
        weights = [model(x, samples=k).log_weight for k in (3, 3, 3, 1)]
    expected = torch.cat(weights).double().exp().mean(0).log()
    assert found.double().tolist() == pytest.approx(expected.tolist(), rel=1e-5)


@pytest.mark.parametrize("mean", [True, False])
def test_samples_are_the_same_however_few_are_decoded_at_a_time(monkeypatch, mean):
    variant = zoo.learned_sigma_vae((1, 8, 8), latent=2, widths=[4])
    whole = variant.model.sample(300, mean=mean, seed=5)
    monkeypatch.setattr("reparam.models.vae.DECODED", 64)
    parts = list(variant.model.samples(300, mean=mean, seed=5))
    assert [len(part) for part in parts] == [64, 64, 64, 64, 44]
    assert torch.equal(torch.cat(parts), whole)
    assert torch.equal(variant.model.sample(300, mean=mean, seed=5), whole)


def test_drawing_samples_leaves_the_generator_as_it_was(monkeypatch):
    variant = zoo.vae((5,), latent=2, widths=[4])
    monkeypatch.setattr("reparam.models.vae.DECODED", 64)
    before = torch.get_rng_state()
    for _ in variant.model.samples(200, mean=False, seed=5):
        assert torch.equal(torch.get_rng_state(), before)


def test_latents_that_do_not_fit_are_refused(monkeypatch):
    from reparam.errors import DataError

    variant = zoo.vae((5,), latent=2, widths=[4])
    with pytest.raises(DataError, match="latents of 1,000,000,000,000 samples would take"):
        variant.model.sample(10**12)
