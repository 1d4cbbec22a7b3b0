package profiles

import _ "embed"

// Schema is the JSON Schema of a profile, for editors that complete and check
// YAML while one writes.
//
//go:embed schema.json
var Schema []byte
