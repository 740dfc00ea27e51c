package main

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"

	"github.com/dynamapper/dynamapper/bench/internal/work"
)

// charted lists the works of the chart, if they were measured, with their titles.
var charted = []struct{ work, title string }{
	{"Query", "Query, 1,000 items of 12 attributes"},
	{"Scan", "Scan, the same"},
	{"BatchGet", "BatchGet, the same"},
	{"Query-JSON", "Query, the same with a map: JSON in dynamapper, M in the others"},
	{"Get", "Get, one item"},
	{"Save", "Save, one item"},
	{"FailOnConflict-version", "Save that fails on a conflict, by a version"},
}

// The dimensions of the chart.
const (
	chartWidth = 760
	barsAt     = 132 // where bars begin
	barsWidth  = 400 // of the longest bar
	rowHeight  = 20
	barHeight  = 13
	titleRoom  = 30 // above the bars of a work
	headRoom   = 50
	footRoom   = 34
)

// chartStyle makes the chart readable on light and dark pages.
const chartStyle = `
text { font: 12px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.head { font-size: 15px; font-weight: 600 }
.work { font-weight: 600 }
.small { font-size: 11px; fill: #59636e }
.peer { fill: #afb8c1 }
.ours { fill: #0969da }
.spread, .one { stroke: #59636e }
.one { stroke-dasharray: 2 3 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.small { fill: #9198a1 }
.peer { fill: #545d68 }
.ours { fill: #4493f8 }
.spread, .one { stroke: #9198a1 }
}
`

// chart is an SVG file that grows downwards.
type chart struct {
	bytes.Buffer
	y     int     // where the next row begins
	scale float64 // pixels for dynamapper's CPU time
}

// drawChart draws the CPU time of each contender as a multiple of dynamapper's.
func drawChart(r report) []byte {
	shown := r.charted()
	c := &chart{y: headRoom, scale: barsWidth / longest(shown)}
	for _, w := range shown {
		c.drawWork(titleOf(w.Work), w)
	}
	return c.framed(r.Versions)
}

// charted returns the measured works that belong in the chart.
func (r report) charted() []result {
	var shown []result
	for _, c := range charted {
		if w, ok := r.result(c.work); ok {
			shown = append(shown, w)
		}
	}
	return shown
}

func titleOf(name string) string {
	for _, c := range charted {
		if c.work == name {
			return c.title
		}
	}
	return name
}

// longest returns the greatest ratio.
func longest(works []result) float64 {
	most := 1.0
	for _, w := range works {
		for _, f := range w.Contenders {
			most = max(most, spreadOf(ratios(f, w.Contenders[0])).High)
		}
	}
	return most
}

// drawWork draws a work's title and its bars.
func (c *chart) drawWork(title string, w result) {
	fmt.Fprintf(c, "<text class=\"work\" x=\"16\" y=\"%d\">%s</text>\n", c.y+18, escaped(title))
	c.y += titleRoom
	top := c.y
	for _, f := range w.Contenders {
		c.drawBar(f, spreadOf(ratios(f, w.Contenders[0])))
	}
	one := barsAt + c.scale
	fmt.Fprintf(c, "<line class=\"one\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", one, top,
		one, c.y-rowHeight+barHeight)
}

// drawBar draws one contender: its name, the bar, the range of the middle half of the rounds, and
// the numbers.
func (c *chart) drawBar(f figures, ratio spread) {
	class := "peer"
	if f.Name == work.Dynamapper {
		class = "ours"
	}
	base, middle := c.y+barHeight-2, float64(c.y)+barHeight/2.0
	fmt.Fprintf(c, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", barsAt-8, base,
		escaped(f.Name))
	fmt.Fprintf(c, "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>\n",
		class, barsAt, c.y, ratio.Median*c.scale, barHeight)
	if f.Name != work.Dynamapper {
		fmt.Fprintf(c, "<line class=\"spread\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
			barsAt+ratio.Low*c.scale, middle, barsAt+ratio.High*c.scale, middle)
	}
	fmt.Fprintf(c,
		"<text x=\"%.1f\" y=\"%d\">%.2f ×<tspan class=\"small\" dx=\"8\">%s, %s "+
			"allocs</tspan></text>\n",
		barsAt+max(1, ratio.Median, ratio.High)*c.scale+8, base, ratio.Median,
		duration(spreadOf(f.CPU).Median), thousands(f.Allocs))
	c.y += rowHeight
}

// framed returns the drawing with its header and footer.
func (c *chart) framed(versions []string) []byte {
	height := c.y + footRoom
	head := fmt.Sprintf(
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d "+
			"%d\" role=\"img\">\n",
		chartWidth, height, chartWidth, height) +
		"<title>CPU time of dynamapper and its peers</title>\n<style>" + chartStyle + "</style>\n" +
		"<text class=\"head\" x=\"16\" y=\"26\">CPU time, as a multiple of dynamapper's</text>\n" +
		fmt.Sprintf("<text class=\"small\" x=\"%d\" y=\"26\" text-anchor=\"end\">shorter is "+
			"better</text>\n", chartWidth-16)
	foot := fmt.Sprintf("<text class=\"small\" x=\"16\" y=\"%d\">%s</text>\n</svg>\n", height-12,
		escaped(short(versions)))
	return slices.Concat([]byte(head), c.Bytes(), []byte(foot))
}

// short lists the versions in one line.
func short(versions []string) string {
	replacer := strings.NewReplacer("github.com/aws/aws-sdk-go-v2/", "", "github.com/", "")
	return replacer.Replace(strings.Join(versions, ", "))
}

// escaped escapes text for the file.
func escaped(text string) string {
	var to bytes.Buffer
	xml.EscapeText(&to, []byte(text)) // a Buffer never fails
	return to.String()
}
