"""The kernel: what every domain stands on and that knows no domain. Its modules are its doors.

`db` and `sql` speak to PostgreSQL on somebody's behalf; `cluster` and `processes` run it on a laptop;
`jobs` does work after the answer; `idempotency` does a thing once; `cache`, `limits`, `files`,
`mail`, `flags` and `secrets` are doors to the world; `telemetry` tells how it goes.
"""
