package work

import (
	"testing"
)

func TestEveryContenderDoesTheWork(t *testing.T) {
	for _, w := range All() {
		for _, c := range w.Contenders {
			t.Run(w.Name+"/"+c.Name, func(t *testing.T) {
				operation, err := c.Open()
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					if err := operation.Check(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
}
