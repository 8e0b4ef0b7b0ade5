import { describe, expect, it } from 'vitest';
import { createCounter, createHistogram, exposition } from './prometheus.ts';

describe('metrics in Prometheus’ text format', () => {
  it('have a help, a type and a line for each set of labels, with what is special escaped', () => {
    const counter = createCounter('sill:x_total', 'How\noften.');
    counter.add({ model_name: 'a"\\\n' });
    counter.add({ model_name: 'b' }, 2);
    counter.add({ model_name: 'b' });
    expect(exposition([counter.family()])).toBe(
      '# HELP sill:x_total How\\noften.\n# TYPE sill:x_total counter\nsill:x_total{model_name="a\\"\\\\\\n"} 1\nsill:x_total{model_name="b"} 3\n',
    );
  });

  it('count in a histogram what is at most each bound', () => {
    const histogram = createHistogram('h', 'H.', [0.1, 1]);
    for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe({}, value);
    histogram.observe({}, 1, 2);
    expect(exposition([histogram.family()])).toBe(
      '# HELP h H.\n# TYPE h histogram\nh_bucket{le="0.1"} 2\nh_bucket{le="1"} 5\nh_bucket{le="+Inf"} 6\nh_sum 9.65\nh_count 6\n',
    );
  });
});
