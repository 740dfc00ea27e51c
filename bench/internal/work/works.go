package work

// All returns the works, in the order of the report.
func All() []Work {
	return []Work{
		players.query("Query", 1000),
		players.scan("Scan", 1000),
		players.batchGet("BatchGet", 1000),
		jsonOwners.query("Query-JSON", 1000),
		documentOwners.query("Query-document", 1000),
		notes(200).query("Query-5-attributes-200B", 1000),
		notes(2000).query("Query-5-attributes-2KB", 400),
		notes(100_000).query("Query-5-attributes-100KB", 10),
		wides.query("Query-60-attributes", 600),
		get("Get", 1),
		get("Get-8-goroutines", 8),
		get("Get-64-goroutines", 64),
		saveNew("Save"),
		saveLoaded("Save-loaded"),
		guardSnapshot("FailOnConflict-snapshot"),
		guardVersion("FailOnConflict-version"),
		encode("Encode"),
		decode("Decode"),
		decodeJSON("Decode-JSON"),
	}
}
