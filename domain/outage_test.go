package domain

import (
	"testing"
	"time"
)

func TestOutageSpeaksOnceAMinuteAndAtBothEnds(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	var o Outage
	if news, _ := o.Answered(began); news != OutageSilent {
		t.Errorf("an answer without an outage: %q", news)
	}
	said := map[OutageNews]int{}
	for at := began; at.Before(began.Add(150 * time.Second)); at = at.Add(300 * time.Millisecond) {
		news, length := o.Failed(at)
		said[news]++
		if length != at.Sub(began) {
			t.Fatalf("after %s it is said to last %s", at.Sub(began), length)
		}
	}
	if said[OutageBegins] != 1 || said[OutageLasts] != 2 {
		t.Errorf("%v, want one beginning and two minutes", said)
	}
	if news, length := o.Answered(began.Add(150 * time.Second)); news != OutageEnds || length != 150*time.Second {
		t.Errorf("%q after %s", news, length)
	}
	if news, _ := o.Answered(began.Add(151 * time.Second)); news != OutageSilent || o.On() {
		t.Errorf("the end was told twice: %q", news)
	}
	if news, _ := o.Failed(began.Add(time.Hour)); news != OutageBegins {
		t.Errorf("the next outage: %q", news)
	}
}
