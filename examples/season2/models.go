package main

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynamapper/dynamapper"
)

// OldPlayer is a player in release 1, which runs already. It has been prepared: it reads the new
// form, too, and writes the old one.
type OldPlayer struct {
	dynamapper.Model `dynamo:"players"`

	Name   string    `dynamo:"player,hash"`
	Guild  string    `dynamo:"guild"`
	Story  string    `dynamo:"story"`
	Points int       `dynamo:"pts"`
	Loot   []Find    `dynamo:"loot"`
	Seen   time.Time `dynamo:"seen,unixtime"`
}

// MigrateItem gives the points their old name. A document is read as JSON without a hook.
func (p *OldPlayer) MigrateItem(raw map[string]types.AttributeValue) error {
	if points, isNew := raw["points"]; isNew {
		raw["pts"] = points
		delete(raw, "points")
	}
	return nil
}

// Player is a player in release 2.
type Player struct {
	dynamapper.Model `dynamo:"players"`

	Name    string    `dynamo:"player,hash"`
	Guild   string    `dynamo:"guild" index:"by-guild,hash"`
	Story   string    `dynamo:"story"`
	Points  int       `dynamo:"points" index:"by-guild,range"`
	Loot    []Find    `dynamo:"loot,document"`
	Seen    time.Time `dynamo:"seen,unixtime"`
	Expires time.Time `dynamo:"expires,ttl"`
}

// MigrateItem gives the points their new name. If an item has the old one, release 1 has written it
// last, and its time of expiry is missing or too early.
func (p *Player) MigrateItem(raw map[string]types.AttributeValue) error {
	points, isOld := raw["pts"]
	if !isOld {
		return nil
	}
	raw["points"] = points
	delete(raw, "pts")
	seen, isNumber := raw["seen"].(*types.AttributeValueMemberN)
	if !isNumber {
		return nil // not seen yet: the item does not expire
	}
	seconds, err := strconv.ParseInt(seen.Value, 10, 64)
	if err != nil {
		return err
	}
	expires := expiryOf(time.Unix(seconds, 0))
	raw["expires"] = &types.AttributeValueMemberN{Value: strconv.FormatInt(expires.Unix(), 10)}
	return nil
}

// expiryOf returns when a player who was seen last at a time is forgotten.
func expiryOf(seen time.Time) time.Time { return seen.Add(365 * 24 * time.Hour) }

// Find is what a player has won in a match.
type Find struct {
	Match  string `dynamo:"match" json:"match"`
	Thing  string `dynamo:"thing" json:"thing"`
	Points int    `dynamo:"points" json:"points"`
}

// winner is a player of either release.
type winner interface {
	win(find Find, at time.Time)
}

func (p *OldPlayer) win(find Find, at time.Time) {
	p.Points += find.Points
	p.Loot = append(p.Loot, find)
	p.Seen = at
}

func (p *Player) win(find Find, at time.Time) {
	p.Points += find.Points
	p.Loot = append(p.Loot, find)
	p.Seen, p.Expires = at, expiryOf(at)
}

// storedPlayer is a player as it is stored, in either form. The audit reads it.
type storedPlayer struct {
	dynamapper.Model `dynamo:"players"`

	Name    string               `dynamo:"player,hash"`
	Pts     types.AttributeValue `dynamo:"pts"`
	Points  types.AttributeValue `dynamo:"points"`
	Loot    types.AttributeValue `dynamo:"loot"`
	Expires types.AttributeValue `dynamo:"expires"`
}

// isNew reports whether the item has the form of release 2 and nothing of that of release 1.
func (p *storedPlayer) isNew() bool {
	_, hasPoints := p.Points.(*types.AttributeValueMemberN)
	_, hasDocument := p.Loot.(*types.AttributeValueMemberL)
	_, hasExpiry := p.Expires.(*types.AttributeValueMemberN)
	return p.Pts == nil && hasPoints && hasDocument && hasExpiry
}
