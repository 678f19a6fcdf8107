"""What it brings to know departures ahead: by how many, by how long one waits for them, against whom holds some back,
and when life is not a sequence of vacancies."""
