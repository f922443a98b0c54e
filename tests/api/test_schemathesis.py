"""Schemathesis over the whole API, with every check: a bounded form of `make fuzz`."""

from tests.serving import House

from .fuzzing import fuzz


def test_nothing_undocumented_and_no_fault(site: House) -> None:
    done = fuzz(site, seed=2, examples=8, seconds=60)
    assert done.returncode == 0, done.stdout[-12_000:] + done.stderr[-2000:]
    assert "Tested: " in done.stdout
