package main

import "testing"

func TestEveryProgramReadsTheItem(t *testing.T) {
	t.Parallel()
	started, size, err := measurePrograms(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range started.Contenders {
		if len(c.CPU) != 1 || len(c.Wall) != 1 || c.Wall[0] <= 0 || size.Keepers[i].Bytes < 1e6 {
			t.Errorf("%+v, %+v", c, size.Keepers[i])
		}
	}
}
