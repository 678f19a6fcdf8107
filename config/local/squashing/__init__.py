"""`./run squash`: one migration an app in the place of all those written so far (docs/decisions/0095).

`sources` reads what the migrations of today say, `final` keeps the last text of each thing, `tables` writes the tables,
`tree` moves the files, `proof` compares the database of before with that of after.
"""
