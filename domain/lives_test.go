package domain

import (
	"slices"
	"testing"
	"time"
)

func TestALoopThatHangsIsFoundAmongOthers(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	l := NewLives(func() time.Time { return now })
	quick, slow := l.Begin("poll", "", time.Minute), l.Begin("keeper", "", time.Hour)
	one, other := l.Begin("pull", "source 7", time.Minute), l.Begin("pull", "source 12", time.Minute)
	now = now.Add(59 * time.Second)
	if late := l.Late(); len(late) != 0 {
		t.Errorf("late before their time: %v", late)
	}
	other.Beat()
	now = now.Add(2 * time.Second)
	want := []string{"poll: no life sign for 1m1s", "pull (source 7): no life sign for 1m1s"}
	if late := l.Late(); !slices.Equal(late, want) {
		t.Errorf("late %v, want %v", late, want)
	}
	if s := l.Silent(); s["pull"] < 1 || s["poll"] < 1 || s["keeper"] > 0.1 || len(s) != 3 {
		t.Errorf("silent %v", s)
	}
	quick.Beat()
	one.End()
	if late := l.Late(); len(late) != 0 {
		t.Errorf("late after their life signs: %v", late)
	}
	now = now.Add(2 * time.Hour)
	l.Forgive()
	if late := l.Late(); len(late) != 0 {
		t.Errorf("late after it was forgiven: %v", late)
	}
	now = now.Add(61 * time.Minute)
	if late := l.Late(); len(late) != 3 {
		t.Errorf("late %v, want all that are left", late)
	}
	slow.End()
}

func TestNobodyTakesLifeSigns(t *testing.T) {
	var none *Lives
	life := none.Begin("poll", "", time.Minute)
	life.Beat()
	life.End()
}
