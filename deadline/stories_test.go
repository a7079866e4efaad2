package deadline

import (
	"slices"
	"testing"
	"time"

	"github.com/otklik/otklik/domain"
)

func TestGather(t *testing.T) {
	noon := time.Date(2026, 11, 27, 2, 0, 0, 0, time.UTC)
	region := Region{ID: "khabarovsk", Zone: time.FixedZone("", 10*3600), Events: map[string]string{"wind": "Ветер"}, Places: map[string]string{"city": "Хабаровск"}}
	of := func(id int64, hours int, f func(*domain.EventCase)) domain.EventCase {
		c := domain.EventCase{CaseID: id, Row: int(id), Event: "wind", Municipality: "city", At: noon.Add(time.Duration(hours) * time.Hour)}
		if f != nil {
			f(&c)
		}
		return c
	}
	sameRow := func(c *domain.EventCase) { c.Row = 3 }
	in := func(key string, closed bool) func(*domain.EventCase) {
		return func(c *domain.EventCase) { c.StoryID, c.StoryKey, c.StoryClosed = 7, key, closed }
	}
	for _, tc := range []struct {
		name  string
		cases []domain.EventCase
		want  []domain.EventStory
	}{
		{"a storm", []domain.EventCase{of(1, 0, nil), of(2, 1, nil), of(3, 5, nil)},
			[]domain.EventStory{{Key: "wind/city/1", Title: "Ветер, Хабаровск, 27.11.2026", Cases: []int64{1, 2, 3}}}},
		{"two are no story", []domain.EventCase{of(1, 0, nil), of(2, 1, nil)}, nil},
		{"of one row it is no story", []domain.EventCase{of(1, 0, sameRow), of(2, 1, sameRow), of(3, 1, sameRow)}, nil},
		{"another place", []domain.EventCase{of(1, 0, nil), of(2, 1, nil), of(3, 1, func(c *domain.EventCase) { c.Municipality = "bikin" })}, nil},
		{"another event", []domain.EventCase{of(1, 0, nil), of(2, 1, nil), of(3, 1, func(c *domain.EventCase) { c.Event = "flood" })}, nil},
		{"a day between", []domain.EventCase{of(1, 0, nil), of(2, 1, nil), of(3, 30, nil)}, nil},
		{"a later one joins", []domain.EventCase{of(1, 0, in("wind/city/1", false)), of(9, 6, nil)},
			[]domain.EventStory{{Key: "wind/city/1", Title: "Ветер, Хабаровск, 27.11.2026", Cases: []int64{9}}}},
		{"of a closed story none", []domain.EventCase{of(1, 0, in("wind/city/1", true)), of(9, 6, nil)}, nil},
		{"all is said", []domain.EventCase{of(1, 0, in("wind/city/1", false)), of(2, 0, in("wind/city/1", false)), of(3, 0, in("wind/city/1", false))}, nil},
		{"what a person has taken out counts no more", []domain.EventCase{of(1, 0, nil), of(2, 1, nil), of(3, 1, func(c *domain.EventCase) { c.Touched = true })}, nil},
		{"a person's story stays, and counts", []domain.EventCase{of(1, 0, nil), of(2, 1, nil), of(3, 1, func(c *domain.EventCase) { c.Touched, c.StoryID = true, 5 })},
			[]domain.EventStory{{Key: "wind/city/1", Title: "Ветер, Хабаровск, 27.11.2026", Cases: []int64{1, 2}}}},
		{"names that are not known", []domain.EventCase{of(1, 0, func(c *domain.EventCase) { c.Event = "ash" }), of(2, 0, func(c *domain.EventCase) { c.Event = "ash" }), of(3, 0, func(c *domain.EventCase) { c.Event = "ash" })},
			[]domain.EventStory{{Key: "ash/city/1", Title: "ash, Хабаровск, 27.11.2026", Cases: []int64{1, 2, 3}}}},
	} {
		got := gather(tc.cases, region)
		if !slices.EqualFunc(got, tc.want, func(a, b domain.EventStory) bool {
			return a.Key == b.Key && a.Title == b.Title && slices.Equal(a.Cases, b.Cases)
		}) {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
}
