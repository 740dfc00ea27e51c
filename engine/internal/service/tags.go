package service

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dynamapper/dynamapper/engine/internal/protocol"
)

// Limits of tags: the service's documentation, "Tagging restrictions".
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

// tagResource answers TagResource.
func tagResource(
	s *Service, _ context.Context, in *protocol.TagResourceInput, _ *protocol.Writer,
) error {
	if err := checkResource(in.ResourceArn); err != nil {
		return err
	}
	if in.Tags == nil {
		return protocol.Enveloped(notNull("tags"))
	}
	if len(in.Tags) == 0 {
		return protocol.Validation("Atleast one Tag needs to be provided as Input.")
	}
	if err := checkTags(in.Tags); err != nil {
		return err
	}
	entry, err := s.resource(*in.ResourceArn)
	if err != nil {
		return err
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	return entry.addTags(in.Tags)
}

// addTags adds tags to a table, and changes the values of tags that it already has.
func (e *tableEntry) addTags(add []protocol.Tag) error {
	tags := slices.Clone(e.description.tags)
	for _, t := range add {
		i := slices.IndexFunc(tags, func(has tag) bool { return has.key == *t.Key })
		if i < 0 {
			tags = append(tags, tag{*t.Key, *t.Value})
		} else {
			tags[i].value = *t.Value
		}
	}
	if len(tags) > maxTags {
		return tooManyTags()
	}
	e.description.tags = tags
	return nil
}

func tooManyTags() error {
	return protocol.Validation(
		"Number of Tags exceed the current limit for the provided ResourceArn")
}

// checkTags checks tags without regard to those of the table.
func checkTags(tags []protocol.Tag) error {
	var keys []string
	for _, t := range tags {
		key, value := orElse(t.Key, "null"), orElse(t.Value, "null")
		switch {
		case t.Key == nil || key == "" || !isTagText(key, maxTagKey):
			return protocol.Validation("The Tag Key provided is invalid, Key: %s", key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return protocol.Validation("Tag Key cannot be prefixed with aws:, Key: %s", key)
		case t.Value == nil || !isTagText(value, maxTagValue):
			return protocol.Validation("The Tag Value provided is invalid, Value: %s", value)
		case slices.Contains(keys, key):
			return protocol.Validation("Duplicate Tag Keys provided as input: Duplicate Tag Key "+
				"found %s", key)
		}
		keys = append(keys, key)
	}
	if len(keys) > maxTags {
		return tooManyTags()
	}
	return nil
}

// isTagText reports whether a text can be the key or value of a tag.
func isTagText(s string, most int) bool {
	if utf8.RuneCountInString(s) > most {
		return false
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsSpace(r) &&
			!strings.ContainsRune("+-=._:/@", r) {
			return false
		}
	}
	return true
}

// untagResource answers UntagResource.
func untagResource(
	s *Service, _ context.Context, in *protocol.UntagResourceInput, _ *protocol.Writer,
) error {
	if err := checkResource(in.ResourceArn); err != nil {
		return err
	}
	if in.TagKeys == nil {
		return protocol.Enveloped(notNull("tagKeys"))
	}
	if len(in.TagKeys) == 0 {
		return protocol.Validation("Atleast one Tag Key needs to be provided as Input.")
	}
	for _, key := range in.TagKeys {
		if key == "" || !isTagText(key, maxTagKey) {
			return protocol.Validation("The Tag Key provided is invalid, Key: %s", key)
		}
	}
	entry, err := s.resource(*in.ResourceArn)
	if err != nil {
		return err
	}
	entry.mu.Lock()
	defer entry.mu.Unlock()
	d := &entry.description
	d.tags = slices.DeleteFunc(slices.Clone(d.tags), func(t tag) bool {
		return slices.Contains(in.TagKeys, t.key)
	})
	return nil
}

// listTagsOfResource answers ListTagsOfResource. All tags are in one page.
func listTagsOfResource(
	s *Service, _ context.Context, in *protocol.ListTagsOfResourceInput, out *protocol.Writer,
) error {
	if err := checkResource(in.ResourceArn); err != nil {
		return err
	}
	entry := s.find(tableName(*in.ResourceArn))
	if entry == nil {
		return &protocol.Error{
			Code: "AccessDeniedException",
			Message: "User: arn:aws:iam::" + account + ":root is not authorized to perform: " +
				"dynamodb:ListTagsOfResource on resource: " + *in.ResourceArn,
		}
	}
	entry.mu.RLock()
	defer entry.mu.RUnlock()
	out.Object()
	out.Key("Tags")
	out.Array()
	for _, t := range entry.description.tags {
		out.Object()
		putString(out, "Key", t.key)
		putString(out, "Value", t.value)
		out.End()
	}
	out.End()
	out.End()
	return nil
}

// checkResource refuses an ARN that is not one of a table of this account and region.
func checkResource(arn *string) error {
	switch {
	case arn == nil || *arn == "":
		return protocol.Validation("Invalid TableArn")
	case !isARN(*arn):
		return invalid("ARNs must start with 'arn:': %s", *arn)
	}
	parts := strings.SplitN(*arn, ":", 6)
	name, ours := strings.CutPrefix(*arn, tableARNs)
	switch {
	case ours && len(tableNameProblems(name, "")) == 0:
		return nil
	case len(parts) == 6 && parts[3] == region && parts[4] != account:
		return &protocol.Error{Code: "AccessDeniedException", Message: "Access is denied"}
	}
	return protocol.Validation("Invalid TableArn: Invalid ResourceArn provided as input %s", *arn)
}

// resource returns the table of an ARN.
func (s *Service) resource(arn string) (*tableEntry, error) {
	if entry := s.find(tableName(arn)); entry != nil {
		return entry, nil
	}
	return nil, &protocol.Error{
		Code:    "ResourceNotFoundException",
		Message: "Requested resource not found: ResourceArn: " + arn + " not found",
	}
}
