package rules

import (
	"fmt"
	"testing"
)

// TestEmbeddedPacks: the packs that come with the program have no fault.
func TestEmbeddedPacks(t *testing.T) {
	regions := EmbeddedRegions()
	if fmt.Sprint(regions) != "[kaliningrad khabarovsk]" {
		t.Errorf("embedded regions: %v", regions)
	}
	for _, region := range regions {
		p, err := LoadEmbedded(region)
		if err != nil {
			t.Errorf("%s:\n%v", region, err)
			continue
		}
		if err := Check(p, now); err != nil {
			t.Errorf("%s:\n%v", region, err)
		}
		if p.Region.ID != region {
			t.Errorf("folder %s holds region %s", region, p.Region.ID)
		}
	}
}
