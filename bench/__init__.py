"""What is measured against what, by one command: `python -m bench [--quick] [names...]`.

Each thing that people wait for is asked of the running product; beside it stands the same SQL
driven straight at the same PostgreSQL by pgbench, and an empty handler of the same server. The
three take turns within one run, because on a busy machine only such ratios mean anything.
"""
