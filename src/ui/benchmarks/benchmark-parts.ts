import './benchmark-form.ts';
import './benchmark-result.ts';
import './benchmark-run.ts';
import './quality-plot.ts';
import './results-chart.ts';
import './results-compare.ts';
import './results-table.ts';
