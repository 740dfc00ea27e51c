package main

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"github.com/dynamapper/dynamapper"
	"github.com/dynamapper/dynamapper/examples/internal/stage/stagetest"
)

func TestSeason2(t *testing.T) {
	t.Parallel()
	engine := stagetest.NewEngine(t)
	stagetest.RequireLines(t, program(&settings{players: 4000}), engine, []string{
		`1\. The first season`,
		`The table has 4000 players\. Their points are in pts, and their loot is JSON\.`,

		`2\. The table, before release 2 is deployed`,
		`  \S+-players: add the index "by-guild": hash "guild" \(S\), range "points" \(N\)`,
		`! \S+-players: switch TTL on for the attribute "expires"`,
		`Apply has left out what could delete items: switch TTL on for the attribute "expires"\.`,

		`3\. The items, while release 1 and release 2 play`,
		`interrupted:  [0-7] of 8 segments: \d+ seen, \d+ changed, .*`,
		`continued:    8 of 8 segments: 4000 seen, \d+ changed, .*`,
		`once more:    nothing to do, .*`,

		`4\. What release 1 has written behind the migration`,
		`Release 1 has written each of them since the migration began: \d+ of \d+\.`,
		`second run:   8 of 8 segments: 4000 seen, \d+ changed, .*`,

		`5\. TTL, when every item has its time`,
		`The next plan: nothing to change\.`,

		`6\. The audit`,
		`  players +4000 +4000 *`,
		`  players in the index by-guild +4000 +4000 *`,
		`  matches that are lost +0 +0 *`,
		`No update is lost, and every item has the new form\.`,
		`The table is deleted\.`,
	})
}

func TestInterruptedSeasonLeavesNoTable(t *testing.T) {
	t.Parallel()
	stagetest.RequireNoTableAfterInterrupt(t, program(&settings{players: 4000}), "UpdateItem", 40)
}

const testPlayers = 50

// newTestSeason returns a season at its end: release 2 has written each player once.
func newTestSeason(t *testing.T) *season {
	t.Helper()
	on, _ := stagetest.NewStage[Player](t)
	s, err := openSeason(on, settings{players: testPlayers})
	require.NoError(t, err)
	for i := range testPlayers {
		require.NoError(t, s.olds.Save(t.Context(), makePlayer(i)))
		_, err := s.players.Modify(t.Context(), dynamapper.Key(nameOf(i)), func(p *Player) error {
			p.win(Find{Match: "r2-0-0", Thing: things[0], Points: 3}, seasonBegan)
			return nil
		})
		require.NoError(t, s.note(2, nameOf(i), Find{Match: "r2-0-0"}, err))
	}
	return s
}

// Whatever is wrong in the table, the audit fails, and so the exit status is 1.
func TestAuditFails(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(t *testing.T, s *season){
		"a match is lost": func(t *testing.T, s *season) {
			require.NoError(t, s.note(1, nameOf(7), Find{Match: "r1-3-5"}, nil))
		},
		"a match was not played": func(t *testing.T, s *season) {
			s.journal.finds[nameOf(7)] = nil
		},
		"an item has the old form": func(t *testing.T, s *season) {
			_, err := s.olds.Modify(t.Context(), dynamapper.Key(nameOf(7)),
				func(p *OldPlayer) error { p.Guild = guilds[0]; return nil })
			require.NoError(t, err)
		},
		"the loot is JSON": func(t *testing.T, s *season) {
			p, err := s.stored.Get(t.Context(), dynamapper.Key(nameOf(7)))
			require.NoError(t, err)
			p.Loot = &types.AttributeValueMemberS{Value: "[]"}
			require.NoError(t, s.stored.Save(t.Context(), p))
		},
		"points are lost": func(t *testing.T, s *season) {
			_, err := s.players.Modify(t.Context(), dynamapper.Key(nameOf(7)), func(p *Player) error {
				p.Points--
				return nil
			})
			require.NoError(t, err)
		},
		"a time is wrong": func(t *testing.T, s *season) {
			_, err := s.players.Update(dynamapper.Key(nameOf(7))).
				Set("expires", seasonBegan.AddDate(9, 0, 0)).Run(t.Context())
			require.NoError(t, err)
		},
		"a player is too many": func(t *testing.T, s *season) {
			require.NoError(t, s.players.Save(t.Context(), &Player{Name: "nobody", Guild: "red"}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTestSeason(t)
			require.NoError(t, s.audit(t.Context()))
			spoil(t, s)
			require.EqualError(t, s.audit(t.Context()), "the audit has failed")
		})
	}
}

// A match whose outcome is unknown may be stored or not.
func TestADoubtfulMatchIsNoFinding(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t)
	require.NoError(t, s.note(2, nameOf(7), Find{Match: "r2-9-9"}, dynamapper.ErrUnknownOutcome))
	require.NoError(t, s.audit(t.Context()))
	_, err := s.players.Modify(t.Context(), dynamapper.Key(nameOf(7)), func(p *Player) error {
		p.win(Find{Match: "r2-9-9", Points: 1}, seasonBegan)
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, s.audit(t.Context()))
}

// Release 1 writes the old form again, and release 2 reads it without a loss.
func TestReleasesReadEachOther(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t)
	key := dynamapper.Key(nameOf(7))
	_, err := s.olds.Modify(t.Context(), key, func(p *OldPlayer) error {
		p.win(Find{Match: "r1-0-0", Points: 5}, seasonBegan.AddDate(0, 1, 0))
		return nil
	})
	require.NoError(t, err)
	p, err := s.players.Get(t.Context(), key)
	require.NoError(t, err)
	require.Equal(t, findsBefore*pointsOfAFind+3+5, p.Points)
	require.Len(t, p.Loot, findsBefore+2)
	require.True(t, p.Expires.Equal(expiryOf(p.Seen)))
}

// forms returns how many players have the form of release 1, and how many that of release 2.
func (s *season) forms(t *testing.T) (old, now int) {
	t.Helper()
	names, err := s.oldForms(t.Context())
	require.NoError(t, err)
	return len(names), testPlayers - len(names)
}

// If release 2 is taken back, the model of release 1 brings the items back into its form, and
// nothing is lost.
func TestRollBack(t *testing.T) {
	t.Parallel()
	s := newTestSeason(t)
	report, err := s.olds.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, testPlayers, report.Changed)
	old, now := s.forms(t)
	require.Equal(t, []int{testPlayers, 0}, []int{old, now})
	p, err := s.stored.Get(t.Context(), dynamapper.Key(nameOf(7)))
	require.NoError(t, err)
	require.IsType(t, &types.AttributeValueMemberS{}, p.Loot)
	require.IsType(t, &types.AttributeValueMemberN{}, p.Expires) // unknown to release 1, and kept

	_, err = s.players.Migrate(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.audit(t.Context()))
}
