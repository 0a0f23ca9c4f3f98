"""An ordinary Python function as a table of states: from its source to a program for the tape.

`functions` reads a file and refuses what cannot be recorded, `rewrite` writes hidden loops out, `kinds` finds what
each name holds, `lower` makes states of statements, `reads` the fetches of a state, `emit` makes functions of
states, `wording` their lines, `problems` draws arguments, `queries` asks for them. `values` is what tapes hold.
"""
