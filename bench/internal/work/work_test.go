package work

import "testing"

func TestEveryContenderDoesTheWork(t *testing.T) {
	t.Parallel()
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

func TestEveryKeeperLoads(t *testing.T) {
	t.Parallel()
	for _, k := range Keepings() {
		for _, keeper := range k.Keepers {
			load, err := keeper.Open()
			if err != nil {
				t.Fatal(k.Name, keeper.Name, err)
			}
			if kept, err := load(t.Context()); err != nil || kept == nil {
				t.Fatal(k.Name, keeper.Name, kept, err)
			}
		}
	}
}
