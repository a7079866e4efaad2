package vkingest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otklik/otklik/domain"
	"github.com/otklik/otklik/platform/vk"
)

// samplesDir holds real answers and events of VK where somebody has put them
// beside the repository.
const samplesDir = "../../../shared/samples/vk"

// TestRealSamples sends every real file through the mapping. A file that holds
// posts, comments or events we take must give as many as it holds.
func TestRealSamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(samplesDir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("no samples beside the repository")
	}
	taken := 0
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		taken += sample(t, filepath.Base(file), raw)
	}
	t.Logf("%d files, %d posts", len(files), taken)
	if taken < 25 {
		t.Errorf("only %d posts in %d files", taken, len(files))
	}
}

func sample(t *testing.T, name string, raw []byte) int {
	t.Helper()
	switch {
	case strings.Contains(name, "BotsLongPoll_Failed"):
		sampleFailed(t, name, raw)
	case strings.Contains(name, "BotsLongPoll_"):
		return sampleEvent(t, name, raw)
	case strings.Contains(name, "Messages_"):
		return sampleConversations(t, name, raw)
	case strings.Contains(name, "Wall_") || strings.Contains(name, "NewsFeed_"):
		return samplePage(t, name, raw)
	default: // errors, polls, groups: the mapping must survive them
		MapEvent(raw, source())
		_, _ = MapPost(raw, Frame{Owner: -1})
	}
	return 0
}

func sampleFailed(t *testing.T, name string, raw []byte) {
	var a vk.LongPollAnswer
	if err := json.Unmarshal(raw, &a); err != nil || a.Failed == 0 {
		t.Errorf("%s: %+v %v", name, a, err)
	}
	if a.Failed == failedHistory && a.TS != "10" {
		t.Errorf("%s: ts %q", name, a.TS)
	}
}

func sampleEvent(t *testing.T, name string, raw []byte) int {
	e := MapEvent(raw, source())
	wanted := strings.HasPrefix(e.Type, "wall_") || e.Type == "message_new"
	switch {
	case e.Outcome == Unknown || e.Outcome == Unusable:
		t.Errorf("%s: %s %s", name, e.Type, e.Outcome)
	case wanted && e.Post == nil && e.Deletion == nil:
		t.Errorf("%s: nothing came of %s", name, e.Type)
	case e.Post != nil && len(e.Post.Faults) > 0:
		t.Errorf("%s: faults %v", name, e.Post.Faults)
	case e.Post != nil:
		return 1
	}
	return 0
}

// sampleConversations maps the last message of every conversation.
func sampleConversations(t *testing.T, name string, raw []byte) (mapped int) {
	var answer struct {
		Response vk.Page `json:"response"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil || len(answer.Response.Items) == 0 {
		t.Errorf("%s: %d items, %v", name, len(answer.Response.Items), err)
	}
	for _, item := range answer.Response.Items {
		var c struct {
			Last json.RawMessage `json:"last_message"`
		}
		if err := json.Unmarshal(item, &c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		p, own, err := MapMessage(c.Last, Frame{Source: source(), Owner: -5})
		if err != nil || own || len(p.Faults) > 0 || p.Origin.IsZero() {
			t.Errorf("%s: own %v, %v, %+v", name, own, err, p)
		}
		mapped++
	}
	return mapped
}

func samplePage(t *testing.T, name string, raw []byte) int {
	var answer struct {
		Response vk.Page `json:"response"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	f := Frame{Source: source(), Owner: -5, Post: 6, Names: answer.Response.Names}
	mapped := 0
	for i, item := range answer.Response.Items {
		p, err := sampleItem(name, item, f)
		if err != nil && !strings.Contains(err.Error(), ErrDeleted.Error()) {
			t.Errorf("%s item %d: %v", name, i, err)
		}
		if err == nil && len(p.Faults) > 0 {
			t.Errorf("%s item %d: faults %v", name, i, p.Faults)
		}
		mapped++
	}
	return mapped
}

func sampleItem(name string, item json.RawMessage, f Frame) (domain.Post, error) {
	if strings.Contains(name, "GetComment") {
		return MapComment(item, f)
	}
	return MapPost(item, f)
}
