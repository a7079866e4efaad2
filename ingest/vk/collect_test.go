package vkingest

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestCollectorHoldsEachIdentityOnceAsMetLast(t *testing.T) {
	t.Parallel()
	id := commentID(-1, 2, 3)
	told := func(text string, first bool) domain.Post { return domain.Post{ID: id, Text: text, First: first} }
	type step func(*collector)
	add := func(text string, first bool) step { return func(c *collector) { c.add(told(text, first)) } }
	gone := func(c *collector) { c.gone(id) }
	cases := map[string]struct {
		steps   []step
		text    string
		deleted bool
	}{
		"edited":                    {[]step{add("а", true), add("б", false)}, "б", false},
		"birth told again":          {[]step{add("а", true), add("б", false), add("а", true)}, "б", false},
		"deleted":                   {[]step{add("а", true), gone, gone}, "а", true},
		"birth told after deletion": {[]step{add("а", true), gone, add("а", true)}, "а", true},
		"deletion overtook birth":   {[]step{gone, add("а", true)}, "а", true},
		"overtaken, then restored":  {[]step{gone, add("а", true), add("а", false)}, "а", false},
		"restored":                  {[]step{add("а", true), gone, add("а", false)}, "а", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := newCollector(start())
			for _, s := range c.steps {
				s(&got)
			}
			if len(got.batch.Posts) != 1 || got.batch.Posts[0].Text != c.text {
				t.Errorf("posts %+v", got.batch.Posts)
			}
			if deleted := len(got.batch.Deletions) == 1; deleted != c.deleted {
				t.Errorf("deletions %+v", got.batch.Deletions)
			}
		})
	}
}
