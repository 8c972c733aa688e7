-- The generated shop (cacheindex-shop tables) as a database, and what a node needs to follow it.
-- Run by psql in the directory of the CSV files.
\set ON_ERROR_STOP on
\set QUIET on

CREATE TABLE brand (id bigint PRIMARY KEY, name text NOT NULL, country text NOT NULL);
CREATE TABLE category (
  id bigint PRIMARY KEY,
  parent_id bigint REFERENCES category,
  level integer NOT NULL,
  name text NOT NULL,
  name_zh text NOT NULL);
CREATE TABLE attribute (id bigint PRIMARY KEY, name text NOT NULL, unit text, type text NOT NULL);
CREATE TABLE warehouse (
  id bigint PRIMARY KEY,
  name text NOT NULL,
  name_zh text NOT NULL,
  country text NOT NULL,
  latitude double precision NOT NULL,
  longitude double precision NOT NULL);
CREATE TABLE product (
  id bigint PRIMARY KEY,
  brand_id bigint NOT NULL REFERENCES brand,
  category_id bigint NOT NULL REFERENCES category,
  title text NOT NULL,
  title_zh text NOT NULL,
  description text NOT NULL,
  description_zh text NOT NULL,
  model text NOT NULL,
  currency text NOT NULL,
  popularity integer NOT NULL,
  rating double precision NOT NULL,
  review_count integer NOT NULL,
  release_date bigint NOT NULL);
CREATE TABLE product_attribute (
  product_id bigint REFERENCES product ON DELETE CASCADE,
  attribute_id bigint REFERENCES attribute,
  value text NOT NULL,
  PRIMARY KEY (product_id, attribute_id));
CREATE TABLE product_tag (
  product_id bigint REFERENCES product ON DELETE CASCADE,
  tag text,
  PRIMARY KEY (product_id, tag));
CREATE TABLE sku (
  id bigint PRIMARY KEY,
  product_id bigint NOT NULL REFERENCES product ON DELETE CASCADE,
  code text NOT NULL,
  price_cents integer NOT NULL);
CREATE TABLE stock (
  sku_id bigint REFERENCES sku ON DELETE CASCADE,
  warehouse_id bigint REFERENCES warehouse,
  quantity integer NOT NULL,
  PRIMARY KEY (sku_id, warehouse_id));

\copy brand FROM 'brand.csv' (FORMAT csv, HEADER)
\copy category FROM 'category.csv' (FORMAT csv, HEADER)
\copy attribute FROM 'attribute.csv' (FORMAT csv, HEADER)
\copy warehouse FROM 'warehouse.csv' (FORMAT csv, HEADER)
\copy product FROM 'product.csv' (FORMAT csv, HEADER)
\copy product_attribute FROM 'product_attribute.csv' (FORMAT csv, HEADER)
\copy product_tag FROM 'product_tag.csv' (FORMAT csv, HEADER)
\copy sku FROM 'sku.csv' (FORMAT csv, HEADER)
\copy stock FROM 'stock.csv' (FORMAT csv, HEADER)
CREATE INDEX ON product (brand_id);
CREATE INDEX ON sku (product_id);
ANALYZE;

CREATE ROLE cacheindex LOGIN REPLICATION;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO cacheindex;
CREATE PUBLICATION cacheindex FOR ALL TABLES;
