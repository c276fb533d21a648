// Huffman codes of limited length, as PNG and JPEG need them: good, not optimal, where the limit cuts.
#include "coding.h"

#include <stdlib.h>
#include <string.h>

typedef struct leaf {
	uint32_t freq;
	uint16_t symbol;
} leaf;

static int by_freq(const void *x, const void *y) {
	const leaf *a = x, *b = y;
	return a->freq != b->freq ? (a->freq < b->freq ? -1 : 1) : (int)a->symbol - (int)b->symbol;
}

// tree_depths gives the Huffman code length of each of n leaves in ascending order of frequency: two queues, leaves and
// the inner nodes in the order they are made, always join the two rarest.
static void tree_depths(const leaf *leaves, int n, uint8_t *depth) {
	uint32_t weight[2 * FX_MAX_SYMBOLS];
	int parent[2 * FX_MAX_SYMBOLS], inner = n, made = n, at = 0;
	for (int i = 0; i < n; i++)
		weight[i] = leaves[i].freq;
	for (; made < 2 * n - 1; made++) {
		weight[made] = 0;
		for (int k = 0; k < 2; k++) {
			int pick = at < n && (inner >= made || weight[at] <= weight[inner]) ? at++ : inner++;
			weight[made] += weight[pick];
			parent[pick] = made;
		}
	}
	int level[2 * FX_MAX_SYMBOLS];
	level[made - 1] = 0;
	for (int i = made - 2; i >= 0; i--)
		level[i] = level[parent[i]] + 1;
	for (int i = 0; i < n; i++)
		depth[i] = (uint8_t)(level[i] > 255 ? 255 : level[i]);
}

// limit_depths makes the code fit in max bits: too deep leaves are cut to max, then the rarest leaves that have room go
// one deeper until Kraft's sum is at most one again, then the commonest ones rise while there is room.
static void limit_depths(uint8_t *depth, int n, int max) {
	uint32_t kraft = 0, full = 1u << max;
	for (int i = 0; i < n; i++) {
		if (depth[i] > max)
			depth[i] = (uint8_t)max;
		kraft += full >> depth[i];
	}
	for (int i = 0; kraft > full; i = (i + 1) % n) {
		if (depth[i] < max) {
			kraft -= full >> (depth[i] + 1);
			depth[i]++;
		}
	}
	for (int i = n - 1; i >= 0; i--) {
		while (depth[i] > 1 && kraft + (full >> depth[i]) <= full) {
			kraft += full >> depth[i];
			depth[i]--;
		}
	}
}

void fx_huffman(const uint32_t *freq, int symbols, int max, uint8_t *len) {
	leaf leaves[FX_MAX_SYMBOLS];
	uint8_t depth[FX_MAX_SYMBOLS];
	int n = 0;
	memset(len, 0, (size_t)symbols);
	for (int s = 0; s < symbols; s++)
		if (freq[s])
			leaves[n++] = (leaf){freq[s], (uint16_t)s};
	for (int s = 0; n < 2; s++)
		if (!freq[s])
			leaves[n++] = (leaf){1, (uint16_t)s};
	qsort(leaves, (size_t)n, sizeof *leaves, by_freq);
	tree_depths(leaves, n, depth);
	limit_depths(depth, n, max);
	for (int i = 0; i < n; i++)
		len[leaves[i].symbol] = depth[i];
}
