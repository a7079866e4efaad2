package demo

import (
	"fmt"
	"maps"
	"path"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/otklik/otklik/rules"
)

// Zone reads the time zone of a pack, long before the pack is taken into use.
func Zone(files rules.Files, region string) (*time.Location, error) {
	name := path.Join(region, "region.yaml")
	var doc struct {
		Zone string `yaml:"zone"`
	}
	if err := yaml.Unmarshal(files[name], &doc); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	zone, err := time.LoadLocation(doc.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone of %s: %w", name, err)
	}
	return zone, nil
}

// AllowTelegram lays an invented decision over a pack's channel policy, marked
// as invented: the real packs have none (41-ФЗ, 152-ФЗ), and the demonstration
// shows what Telegram would look like with one.
func AllowTelegram(files rules.Files, region string) (rules.Files, error) {
	return overlay(files, region, func(doc map[string]any) error {
		channels, ok := doc["channels"].(map[string]any)
		if !ok {
			return fmt.Errorf("the pack of %s has no channels", region)
		}
		channels["telegram"] = map[string]any{"read": true, "public": true, "dialog": true, "staff": true,
			"decision": "ПОКАЗ-1: вымышленное решение, только для демонстрации", "signer": "вымышленный руководитель"}
		return nil
	})
}

// NameOperator lays an invented operator of personal data over a pack, marked as
// invented: nobody is to take the demonstration's consent for a real one.
func NameOperator(files rules.Files, region string) (rules.Files, error) {
	return overlay(files, region, func(doc map[string]any) error {
		doc["operator"] = map[string]any{"name": "вымышленное министерство показа (только для демонстрации)",
			"address": "000000, г. Показ, ул. Вымышленная, д. 1"}
		return nil
	})
}

func overlay(files rules.Files, region string, change func(doc map[string]any) error) (rules.Files, error) {
	name := path.Join(region, "region.yaml")
	var doc map[string]any
	if err := yaml.Unmarshal(files[name], &doc); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if err := change(doc); err != nil {
		return nil, err
	}
	out, err := yaml.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", name, err)
	}
	changed := maps.Clone(files)
	changed[name] = out
	return changed, nil
}
