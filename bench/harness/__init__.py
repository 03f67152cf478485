"""What the parts of the benchmark share: a database, servers, load, rounds, results."""
