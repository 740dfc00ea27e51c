package service

import (
	"strings"
	"time"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// keyARNs is the beginning of the ARNs of encryption keys.
const keyARNs = "arn:aws:kms:" + region + ":" + account + ":key/"

// managedKey is the account's key alias/aws/dynamodb, which the service manages.
const managedKey = keyARNs + "00000000-0000-4000-8000-000000000000"

// keyARN returns the ARN of an encryption key by its ARN, id or alias; nil means the managed key.
// The engine has no other keys and cannot check whether one exists: it accepts each id as a key,
// and each alias as the managed key.
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

// checkEncryption checks the specification of encryption, if there is one.
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

// reencrypt starts a change of the table's encryption.
func (e *tableEntry) reencrypt(s *protocol.SSESpecification, due time.Time) {
	key := ""
	if encrypts(s) {
		key = keyARN(s.KMSMasterKeyId)
	}
	e.begin(change{kind: encryptionChange, due: due, done: func() {
		e.description.encryptionKey = key
	}})
}
