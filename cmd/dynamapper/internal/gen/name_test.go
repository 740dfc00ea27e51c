package gen

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGoName(t *testing.T) {
	t.Parallel()
	for attribute, want := range map[string]string{
		"login": "Login", "userId": "UserID", "user_id": "UserID", "USER_ID": "UserID",
		"userIDs": "UserIDs", "ids": "IDs", "urls": "URLs", "page-url": "PageURL", "PK": "PK",
		"gsi1pk": "GSI1PK", "GSI2SK": "GSI2SK", "HTTPServer": "HTTPServer", "httpServer": "HTTPServer",
		"created at": "CreatedAt", "md5hash": "Md5hash", "func": "Func", "größe": "Größe",
		"2fa": "Attr2fa", "#": "Attr", "日本": "Attr日本", "_et": "Et", "__edb_e__": "EdbE",
		"aB": "AB", "API": "API", "apiKey": "APIKey", "A": "A", "iPhone": "IPhone",
	} {
		assert.Equal(t, want, goName(attribute), attribute)
	}
}

func TestSingular(t *testing.T) {
	t.Parallel()
	for plural, want := range map[string]string{
		"Players": "Player", "Heroes": "Hero", "Entries": "Entry", "Boxes": "Box", "Address": "Address",
		"Classes": "Class", "Status": "Status", "Series": "Series", "News": "News", "Matches": "Match",
		"UserIDs": "UserIDs", "Shoes": "Shoe", "Game": "Game", "Bus": "Bus", "Analysis": "Analysis",
		"Houses": "House",
	} {
		assert.Equal(t, want, singular(plural), plural)
	}
}
