package vkingest

import (
	"context"
	"testing"

	"github.com/otklik/otklik/domain"
)

// rationed is a Reader of which only the quota is asked.
type rationed struct{ Reader }

func (rationed) Left(context.Context, string) (left, perDay int64, err error) { return 900, 1000, nil }

type counted map[string]int64

func (c counted) CountSources(context.Context, domain.SourceKind) (map[string]int64, error) {
	return c, nil
}

// Walls of a region whose pack does not let VK be read make no calls: the others
// share the whole quota.
func TestRefusedSourcesShareNoQuota(t *testing.T) {
	deps := Deps{VK: rationed{}, Sources: counted{"khabarovsk": 7, "kaliningrad": 5}}
	for want, policy := range map[int64]func(domain.Source) string{
		12: nil,
		7: func(src domain.Source) string {
			if src.Region == "kaliningrad" && src.Kind == domain.VKWall {
				return "пакет не разрешает"
			}
			return ""
		},
	} {
		deps.Policy = policy
		b, err := Wall{Deps: deps}.Budget(t.Context(), domain.Source{Kind: domain.VKWall})
		if err != nil || b.Sources != want || b.Left != 900 || b.PerDay != 1000 {
			t.Errorf("%+v, %v, want %d sources", b, err, want)
		}
	}
}
