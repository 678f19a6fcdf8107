"""Random years lived in the product, beside the model of `tests/model/`: `./run simulate --seed N --acts M`.

`drawing` draws a story from a seed; `living` lives it in the product through its own operations, and `modelled` in the
model; `comparing` states what differs after each act; `shrinking` keeps the acts without which nothing differs.
"""
