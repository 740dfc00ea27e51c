package service

import (
	"strings"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// keyARNs is what the ARNs of encryption keys start with.
const keyARNs = "arn:aws:kms:" + region + ":" + account + ":key/"

// managedKey is the account's key that the service manages, alias/aws/dynamodb.
const managedKey = keyARNs + "00000000-0000-4000-8000-000000000000"

// keyARN returns the ARN of an encryption key by its ARN, id or alias; nil is the managed one.
// There are no other keys here whose existence could be checked: each id is a key, and each alias
// is the managed one.
func keyARN(key *string) string {
	switch {
	case key == nil, strings.HasPrefix(*key, "alias/"):
		return managedKey
	case isARN(*key):
		return *key
	}
	return keyARNs + *key
}

// encrypts reports whether a specification asks for encryption with a key of the account.
func encrypts(s *protocol.SSESpecification) bool {
	if s.Enabled != nil {
		return *s.Enabled
	}
	return s.SSEType != nil
}

// checkEncryption checks what is said about encryption, if anything is.
func checkEncryption(s *protocol.SSESpecification) error {
	if s == nil {
		return nil
	}
	off := s.Enabled != nil && !*s.Enabled
	switch {
	case off && s.SSEType != nil:
		return invalid("SSEType can not be specified if Enabled is false")
	case off && s.KMSMasterKeyId != nil:
		return invalid("KMSMasterKeyId can not be specified if Enabled is false")
	case text(s.SSEType) == "AES256":
		return invalid("SSEType AES256 is not supported")
	case s.KMSMasterKeyId != nil && s.SSEType == nil:
		return invalid("SSEType KMS is required if KMSMasterKeyId is specified")
	}
	return nil
}

// checkReencryption refuses a change of encryption that changes nothing.
func (e *tableEntry) checkReencryption(s *protocol.SSESpecification) error {
	if s == nil {
		return nil
	}
	key := e.description.encryptionKey
	if !encrypts(s) && key == "" {
		return invalid("Table is already encrypted by default")
	}
	if encrypts(s) && s.KMSMasterKeyId != nil && *s.KMSMasterKeyId == key {
		return invalid("Table is already encrypted with given KMSMasterKeyId. Use " +
			"KMSMasterKeyId parameter if you want to change Master Key")
	}
	return nil
}

// reencrypt begins to change the table's encryption.
func (e *tableEntry) reencrypt(s *protocol.SSESpecification, due time.Time) {
	key := ""
	if encrypts(s) {
		key = keyARN(s.KMSMasterKeyId)
	}
	e.begin(change{kind: encryptionChange, due: due, done: func() {
		e.description.encryptionKey = key
	}})
}
