"""« À faire »: every act of the chain that awaits a person, in the order of what lapses first."""
