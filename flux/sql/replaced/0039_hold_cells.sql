-- Whoever is writing a cell ends with the function that began it; who comes after waits for the new one.
LOCK TABLE flux_flowcell IN SHARE ROW EXCLUSIVE MODE;
