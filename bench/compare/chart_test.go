package main

import (
	"bytes"
	"encoding/xml"
	"io"
	"testing"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

func TestTheChartIsXMLAndShowsEachWork(t *testing.T) {
	t.Parallel()
	r := report{Versions: []string{"go1 <a/b>"},
		Works: []result{{Work: "Query", Items: 1, Contenders: []figures{
			{Name: work.Dynamapper, CPU: []float64{100, 200}},
			{Name: work.Guregu, CPU: []float64{500, 1400}},
		}}}}
	svg := drawChart(r)
	for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
		if _, err := decoder.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, part := range []string{
		"Query, 1,000 items", ">guregu<", ">6.00 ×<", ">1.00 ×<", "go1 &lt;a/b&gt;",
	} {
		if !bytes.Contains(svg, []byte(part)) {
			t.Errorf("the chart lacks %q:\n%s", part, svg)
		}
	}
}
