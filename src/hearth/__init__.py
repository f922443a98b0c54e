"""Hearth: one self-hosted home for what people eat."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hearth")
except PackageNotFoundError:  # run from a source tree that was not installed
    __version__ = "0.0.0"
