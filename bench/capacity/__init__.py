"""How many interviews in parallel one machine holds, and what happens beyond that.

`rates` is the model of N interviews; `interviews` what each of them does; `loop` sends it
at the model's times, whatever the portal does; `figures` counts; `ledger` remembers what
was acknowledged; `stages` holds one number of interviews after another.
"""
