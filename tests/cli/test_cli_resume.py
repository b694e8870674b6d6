"""`--resume` asks for no more of the command than what the run did not record."""

from pathlib import Path


def test_options_that_are_not_given_are_the_runs(tiny, done, reparam_command):
    model = ("--set", "widths=4,8")
    done("fit", tiny, *model, "--epochs", 2, "--batch-size", 32, "--clip", 1, "--seed", 5,
         "--out", "run")  # fmt: skip
    before = Path("run/model.safetensors").read_bytes()
    done("fit", tiny, *model, "--out", "run", "--resume")
    assert Path("run/model.safetensors").read_bytes() == before
    for option, value, was in (("--batch-size", 128, 32), ("--epochs", 5, 2), ("--seed", 0, 5)):
        said = reparam_command("fit", tiny, *model, option, value, "--out", "run", "--resume").err
        assert f"{option[2:].replace('-', '_')} was {was} and is {value}" in said
