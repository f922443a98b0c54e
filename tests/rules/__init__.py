"""Rules of the house that a machine can check. Each has a canary: a planted violation it must find."""
