"""Reading a county pack from its folder of YAML files."""

from shared.adapters.pack.load import load_pack
from shared.adapters.pack.problem import PackError, Problem

__all__ = ["PackError", "Problem", "load_pack"]
