package main

import (
	"math"
	"strings"
	"testing"

	"github.com/otklik/otklik/classify/model"
)

func labelledTexts(lines ...string) []map[string]string {
	var out []map[string]string
	for _, line := range lines {
		cells := strings.Split(line, ";")
		out = append(out, map[string]string{"text": cells[0], "topic": cells[1], "responsible": cells[2]})
	}
	return out
}

func TestAgreementOfNearTexts(t *testing.T) {
	records := labelledTexts("Яма на дороге у школы;ямы;город", "Яма на дороге у школы!;ямы;область", "Нет света в подъезде;свет;город",
		"В подъезде нет света;свет|тепло;?", "Собаки бегают стаями;собаки;район")
	near, err := nearest(records)
	if err != nil {
		t.Fatal(err)
	}
	if near[0].at != 1 || near[1].at != 0 || near[0].like < 0.99 || near[2].at != 3 || near[4].like > 0.1 {
		t.Errorf("%+v", near)
	}
	if a := agreementOf(records, near, "topic", 0.9); a != (agreement{2, 2}) {
		t.Errorf("topics agree in %+v", a)
	}
	if a := agreementOf(records, near, "responsible", 0.9); a != (agreement{1, 0}) {
		t.Errorf("bodies agree in %+v", a)
	}
	if low, high := model.Wilson(50, 100, ninetyFive); math.Abs(low-0.404) > 0.001 || math.Abs(high-0.596) > 0.001 {
		t.Errorf("a half of a hundred is %v–%v", low, high)
	}
}

// A text is guessed by the others of its cell; one alone in it by a wider cell.
func TestCells(t *testing.T) {
	records := labelledTexts("а;ямы;город", "б;ямы;город", "в;ямы;область", "г;свет;область")
	c := cells{name: "topic"}
	for _, r := range records {
		c.keys = append(c.keys, []string{"", r["topic"]})
	}
	// а, б: by each other; в: город, wrong; г: alone, by all others: город, wrong.
	if got := c.line(records, "responsible"); !strings.HasSuffix(got, "held out 0.500, seen 0.750") {
		t.Error(got)
	}
}
