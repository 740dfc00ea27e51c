package service

import (
	"github.com/dynamapper/dynamapper/engine/internal/protocol"
	"github.com/dynamapper/dynamapper/engine/internal/table"
	"github.com/dynamapper/dynamapper/engine/internal/value"
)

const startKeyInvalid = "The provided starting key is invalid"

// checkStartKey checks that a start key has the keys of the table and of the index, and no other
// attributes.
func (r *reading) checkStartKey(start value.Map) error {
	parts := r.startKeyParts()
	if len(start) != len(parts) {
		return protocol.Validation(startKeyInvalid)
	}
	for _, part := range parts {
		if v := start.Get(part.Name); v == nil || v.Kind() != part.Kind {
			return protocol.Validation(startKeyInvalid)
		}
	}
	for _, part := range r.view.Keys().Parts() {
		if kind := emptyKind(start.Get(part.Name)); kind != "" {
			return protocol.Validation("One or more parameter values are not valid. The "+
				"AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
				kind, part.Name)
		}
	}
	return nil
}

// startKeyParts returns the attributes of a start key, each once.
func (r *reading) startKeyParts() []table.KeyPart {
	parts := r.view.Keys().Parts()
	if r.index == nil {
		return parts
	}
	for _, part := range r.index.Keys.Parts() {
		if !r.view.Keys().Has(part.Name) {
			parts = append(parts, part)
		}
	}
	return parts
}
