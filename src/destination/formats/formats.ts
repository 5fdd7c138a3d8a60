import type {FileScheme} from '../../destination-uri.js';
import {csv} from './csv.js';
import type {FileFormat} from './format.js';
import {jsonl} from './jsonl.js';
import {parquet} from './parquet.js';

export const formats: Readonly<Record<FileScheme, FileFormat>> = {jsonl, csv, parquet};
