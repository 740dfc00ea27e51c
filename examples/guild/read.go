package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dynamapper/dynamapper"
)

// openPage reads a whole guild with one query, and the same items one by one.
func (c *chronicle) openPage(ctx context.Context) error {
	c.Heading("2. A guild with all that belongs to it")
	c.Say("All items of a guild share a hash key, so one query reads them. The collection knows " +
		"the kinds, and puts each into its field:")
	c.Code(`var page struct {`,
		`    Guild   *Guild`,
		`    Members []*Member`,
		`    Chat    []*Message`,
		`    Wars    []*War`,
		`}`)
	var page struct {
		Guild   *Guild
		Members []*Member
		Chat    []*Message
		Wars    []*War
	}
	var members []dynamapper.PrimaryKey
	return c.perform(ctx,
		access{"the guild", `err = all.Query("red").Into(ctx, &page)`,
			func(ctx context.Context) (any, error) {
				err := c.all.Query("red").Into(ctx, &page)
				if err != nil || page.Guild == nil {
					return nil, errors.Join(err, errNoGuild)
				}
				for _, member := range page.Members {
					members = append(members, c.members.KeyOf(member))
				}
				return fmt.Sprintf("%q, %d members, %d messages, %d wars", page.Guild.Motto,
					len(page.Members), len(page.Chat), len(page.Wars)), nil
			}},
		access{"its members, one by one", `members.BatchGet(ctx, keys)`,
			func(ctx context.Context) (any, error) {
				found, err := c.members.BatchGet(ctx, members)
				return fmt.Sprintf("%d members", len(found)), err
			}})
}

var errNoGuild = errors.New("the guild is missing")

// askTable asks questions that the table's keys answer.
func (c *chronicle) askTable(ctx context.Context) error {
	c.Heading("3. A part of it")
	c.Say("The range key begins with the kind, so a query of one table reads one kind. What " +
		"follows is what it sorts and limits by:")
	from, to := begin.Add(5*time.Minute), begin.Add(9*time.Minute)
	err := c.perform(ctx,
		access{"the members", `members.Query("red").Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.members.Query("red").Collect(ctx)
				return fmt.Sprintf("%d members", len(found)), err
			}},
		access{"the last messages", `messages.Query("red").Reverse().Limit(5).Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.messages.Query("red").Reverse().Limit(5).Collect(ctx)
				return idsOf(found), err
			}},
		access{"the messages of some minutes",
			`messages.Query("red").Range(dynamapper.Between(from, to)).Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.messages.Query("red").
					Range(dynamapper.Between(from, to)).Collect(ctx)
				return idsOf(found), err
			}},
		access{"the wars, by the collection",
			`all.Query("red").Range(dynamapper.BeginsWith("WAR#")).Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.all.Query("red").Range(dynamapper.BeginsWith("WAR#")).Collect(ctx)
				return fmt.Sprintf("%d wars", len(found)), err
			}},
		access{"the members, by a scan",
			`members.Scan().Where(dynamapper.Attr("guild", dynamapper.EQ("red"))).Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.members.Scan().Where(dynamapper.Attr("guild",
					dynamapper.EQ("red"))).Collect(ctx)
				return fmt.Sprintf("%d members", len(found)), err
			}})
	if err != nil {
		return err
	}
	c.Say("A scan reads and pays for the items of all guilds and all kinds.")
	return nil
}

func idsOf(messages []*Message) string {
	ids := make([]string, len(messages))
	for i, message := range messages {
		ids[i] = message.ID
	}
	return strings.Join(ids, " ")
}

// askIndexes asks questions that indexes answer.
func (c *chronicle) askIndexes(ctx context.Context) error {
	c.Heading("4. Indexes")
	c.Say("The index by-player has members and messages, by-trophies guilds and members. The " +
		"keys of by-league are\n" +
		"attributes of wars as they are: a query names the season and the league, and then " +
		"compares round and stars.")
	return c.perform(ctx,
		access{"waldo's guilds and messages",
			`all.Query("waldo").Index("by-player").Reverse().Limit(4).Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.all.Query("waldo").Index("by-player").
					Reverse().Limit(4).Collect(ctx)
				return kindsOf(found), err
			}},
		access{"waldo's guilds", `members.Query("waldo").Index("by-player").Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.members.Query("waldo").Index("by-player").Collect(ctx)
				guilds := make([]string, len(found))
				for i, member := range found {
					guilds[i] = member.Guild
				}
				return strings.Join(guilds, " "), err
			}},
		access{"the best member", `members.Query("red").Index("by-trophies").Reverse().First(ctx)`,
			func(ctx context.Context) (any, error) {
				best, err := c.members.Query("red").Index("by-trophies").Reverse().First(ctx)
				if err != nil {
					return nil, err
				}
				return fmt.Sprintf("%s with %d", best.Player, best.Trophies), nil
			}},
		access{"the best guild", `guilds.Query("eu").Index("by-trophies").Reverse().First(ctx)`,
			func(ctx context.Context) (any, error) {
				best, err := c.guilds.Query("eu").Index("by-trophies").Reverse().First(ctx)
				if err != nil {
					return nil, err
				}
				return fmt.Sprintf("%s with %d", best.Name, best.Trophies), nil
			}},
		access{"the wars of a round, the best first",
			`wars.Query("2026-spring", "gold").Index("by-league").` +
				`RangeParts(dynamapper.EQ(3)).Reverse().Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.wars.Query("2026-spring", "gold").Index("by-league").
					RangeParts(dynamapper.EQ(3)).Reverse().Collect(ctx)
				return starsOf(found), err
			}},
		access{"those with 26 stars or more",
			`wars.Query("2026-spring", "gold").Index("by-league").` +
				`RangeParts(dynamapper.EQ(3), dynamapper.GE(26)).Collect(ctx)`,
			func(ctx context.Context) (any, error) {
				found, err := c.wars.Query("2026-spring", "gold").Index("by-league").
					RangeParts(dynamapper.EQ(3), dynamapper.GE(26)).Collect(ctx)
				return starsOf(found), err
			}})
}

func kindsOf(items []any) string {
	kinds := make([]string, len(items))
	for i, item := range items {
		switch item := item.(type) {
		case *Member:
			kinds[i] = "member of " + item.Guild
		case *Message:
			kinds[i] = item.ID + " in " + item.Guild
		}
	}
	return strings.Join(kinds, ", ")
}

func starsOf(wars []*War) string {
	texts := make([]string, len(wars))
	for i, war := range wars {
		texts[i] = fmt.Sprintf("%s %d", war.Guild, war.Stars)
	}
	return strings.Join(texts, ", ")
}
