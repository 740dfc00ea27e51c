package work

import (
	"reflect"

	"github.com/dynamapper/dynamapper"
)

// wide is a Player with 48 scores: 60 attributes.
type wide struct {
	Player
	scores
}

// scores have no tags: each is stored under its own name by all contenders.
type scores struct {
	Score01, Score02, Score03, Score04, Score05, Score06, Score07, Score08 int
	Score09, Score10, Score11, Score12, Score13, Score14, Score15, Score16 int
	Score17, Score18, Score19, Score20, Score21, Score22, Score23, Score24 int
	Score25, Score26, Score27, Score28, Score29, Score30, Score31, Score32 int
	Score33, Score34, Score35, Score36, Score37, Score38, Score39, Score40 int
	Score41, Score42, Score43, Score44, Score45, Score46, Score47, Score48 int
}

func newWide(i int) wide {
	w := wide{Player: newPlayer(i)}
	v := reflect.ValueOf(&w.scores).Elem()
	for n := range v.NumField() {
		v.Field(n).SetInt(int64(i + n*1000))
	}
	return w
}

// wideModel is dynamapper's model of a wide.
type wideModel struct {
	dynamapper.Model `dynamo:"players"`
	wide
}

var wides = kind[wide, wideModel]{make: newWide, plain: func(m *wideModel) *wide { return &m.wide }}
