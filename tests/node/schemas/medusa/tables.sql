-- Medusa 2's tables, written anew from the facts. Ids are texts with a prefix, so that prod_10
-- comes before prod_2. What is deleted keeps its row and gets a time. The modules of products,
-- prices and stock know of each other through tables without foreign keys.

CREATE TABLE product_collection (id text PRIMARY KEY, title text NOT NULL, handle text NOT NULL,
  metadata jsonb, created_at timestamptz NOT NULL DEFAULT now(), deleted_at timestamptz);
CREATE TABLE product_type (id text PRIMARY KEY, value text NOT NULL, metadata json,
  deleted_at timestamptz);
CREATE TABLE product_tag (id text PRIMARY KEY, value text NOT NULL, metadata jsonb,
  deleted_at timestamptz);
CREATE TABLE product_category (id text PRIMARY KEY, name text NOT NULL,
  description text NOT NULL DEFAULT '', handle text NOT NULL, mpath text NOT NULL DEFAULT '',
  is_active boolean NOT NULL DEFAULT false, is_internal boolean NOT NULL DEFAULT false,
  rank numeric NOT NULL DEFAULT 0,
  parent_category_id text REFERENCES product_category ON UPDATE CASCADE ON DELETE CASCADE,
  metadata jsonb, deleted_at timestamptz);
CREATE TABLE product (id text PRIMARY KEY, title text NOT NULL, handle text NOT NULL,
  subtitle text, description text, is_giftcard boolean NOT NULL DEFAULT false,
  status text NOT NULL CHECK (status IN ('draft', 'proposed', 'published', 'rejected')),
  thumbnail text, weight text, length text, height text, width text, origin_country text,
  hs_code text, mid_code text, material text,
  collection_id text REFERENCES product_collection ON UPDATE CASCADE ON DELETE SET NULL,
  type_id text REFERENCES product_type ON UPDATE CASCADE ON DELETE SET NULL,
  discountable boolean NOT NULL DEFAULT true, external_id text, metadata jsonb,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz);
CREATE UNIQUE INDEX ON product (handle) WHERE deleted_at IS NULL;
CREATE TABLE product_tags (
  product_id text REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE,
  product_tag_id text REFERENCES product_tag ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY (product_id, product_tag_id));
CREATE TABLE product_category_product (
  product_id text REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE,
  product_category_id text REFERENCES product_category ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY (product_id, product_category_id));
CREATE TABLE image (id text PRIMARY KEY, url text NOT NULL, metadata jsonb,
  rank integer NOT NULL DEFAULT 0,
  product_id text NOT NULL REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE,
  deleted_at timestamptz);
CREATE TABLE product_option (id text PRIMARY KEY, title text NOT NULL,
  product_id text REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE, metadata jsonb,
  deleted_at timestamptz);
CREATE TABLE product_option_value (id text PRIMARY KEY, value text NOT NULL,
  option_id text REFERENCES product_option ON UPDATE CASCADE ON DELETE CASCADE, metadata jsonb,
  deleted_at timestamptz);
CREATE TABLE product_variant (id text PRIMARY KEY, title text NOT NULL, sku text, barcode text,
  ean text, allow_backorder boolean NOT NULL DEFAULT false,
  manage_inventory boolean NOT NULL DEFAULT true, weight numeric, metadata jsonb,
  variant_rank numeric DEFAULT 0,
  product_id text REFERENCES product ON UPDATE CASCADE ON DELETE CASCADE,
  updated_at timestamptz NOT NULL DEFAULT now(), deleted_at timestamptz);
CREATE TABLE product_variant_option (
  variant_id text REFERENCES product_variant ON UPDATE CASCADE ON DELETE CASCADE,
  option_value_id text REFERENCES product_option_value ON UPDATE CASCADE ON DELETE CASCADE,
  PRIMARY KEY (variant_id, option_value_id));

CREATE TABLE price_list (id text PRIMARY KEY, title text NOT NULL,
  status text NOT NULL CHECK (status IN ('active', 'draft')),
  type text NOT NULL CHECK (type IN ('sale', 'override')), starts_at timestamptz,
  ends_at timestamptz, rules_count integer DEFAULT 0, deleted_at timestamptz);
CREATE TABLE price_set (id text PRIMARY KEY, deleted_at timestamptz);
CREATE TABLE price (id text PRIMARY KEY, title text,
  price_set_id text NOT NULL REFERENCES price_set ON UPDATE CASCADE ON DELETE CASCADE,
  currency_code text NOT NULL, amount numeric NOT NULL, raw_amount jsonb NOT NULL,
  min_quantity numeric, max_quantity numeric, rules_count integer DEFAULT 0,
  price_list_id text REFERENCES price_list ON UPDATE CASCADE ON DELETE CASCADE,
  deleted_at timestamptz);
CREATE TABLE price_rule (id text PRIMARY KEY, attribute text NOT NULL, value text NOT NULL,
  operator text NOT NULL DEFAULT 'eq', priority integer NOT NULL DEFAULT 0,
  price_id text NOT NULL REFERENCES price ON UPDATE CASCADE ON DELETE CASCADE,
  deleted_at timestamptz);
CREATE TABLE product_variant_price_set (variant_id varchar(255), price_set_id varchar(255),
  id varchar(255) NOT NULL, deleted_at timestamptz, PRIMARY KEY (variant_id, price_set_id));

CREATE TABLE sales_channel (id text PRIMARY KEY, name text NOT NULL, description text,
  is_disabled boolean NOT NULL DEFAULT false, deleted_at timestamptz);
CREATE TABLE product_sales_channel (product_id varchar(255), sales_channel_id varchar(255),
  id varchar(255) NOT NULL, deleted_at timestamptz, PRIMARY KEY (product_id, sales_channel_id));

CREATE TABLE inventory_item (id text PRIMARY KEY, sku text,
  requires_shipping boolean NOT NULL DEFAULT true, title text, deleted_at timestamptz);
CREATE TABLE inventory_level (id text PRIMARY KEY,
  inventory_item_id text NOT NULL REFERENCES inventory_item ON UPDATE CASCADE ON DELETE CASCADE,
  location_id text NOT NULL, stocked_quantity numeric NOT NULL DEFAULT 0,
  reserved_quantity numeric NOT NULL DEFAULT 0, incoming_quantity numeric NOT NULL DEFAULT 0,
  raw_stocked_quantity jsonb, deleted_at timestamptz);
CREATE TABLE product_variant_inventory_item (variant_id varchar(255),
  inventory_item_id varchar(255), id varchar(255) NOT NULL,
  required_quantity integer NOT NULL DEFAULT 1, deleted_at timestamptz,
  PRIMARY KEY (variant_id, inventory_item_id));

-- A category's path is its ancestors' ids; the program writes it when a category moves.
CREATE FUNCTION write_paths() RETURNS void LANGUAGE sql AS $$
  WITH RECURSIVE path AS (
    SELECT id, id AS mpath FROM product_category WHERE parent_category_id IS NULL
    UNION ALL
    SELECT child.id, path.mpath || '.' || child.id
    FROM product_category child JOIN path ON child.parent_category_id = path.id)
  UPDATE product_category SET mpath = path.mpath FROM path
  WHERE path.id = product_category.id AND path.mpath <> product_category.mpath $$;
