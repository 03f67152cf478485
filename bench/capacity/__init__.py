"""How many interviews in parallel one machine holds, and what happens beyond that.

`rates` is the model of N interviews, `interviews` what each of them does, by `calls`;
`loop` makes these at the model's times, whatever the portal does; `figures` counts;
`ledger` remembers what was acknowledged. `costs` tells what one interview takes, `stages`
holds a number of them, `search` finds the largest and goes beyond it.
"""
